"""``conf/`` composed to the text of ``params.yaml``, by Hydra as DVC does it."""

from collections.abc import Sequence
from pathlib import Path

from mixplan.config.base import ConfigError


def compose(conf: Path, overrides: Sequence[str] = ()) -> str:
    """The composition of ``conf/config.yaml`` and Hydra overrides such as ``source=admixture``, as YAML text.

    Raises:
        ConfigError: an override or a file below ``conf/`` does not fit.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        with initialize_config_dir(str(conf.resolve()), version_base=None):
            composed = hydra_compose("config", overrides=list(overrides))
        OmegaConf.resolve(composed)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(f"{conf}: {str(error).splitlines()[0]}") from None
    except YAMLError as error:
        raise ConfigError(f"{conf}: a file is not YAML: {error}") from None
    return OmegaConf.to_yaml(composed)
