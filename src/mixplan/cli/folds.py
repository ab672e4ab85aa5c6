"""``mixplan folds``: which weeks teach, which choose, and which are kept for the last score."""


def folds() -> None:
    """Show the folds of the backtest, as conf/evaluation and the sales of the mart make them."""
    from mixplan.cli.screen import show
    from mixplan.config.params import load_params
    from mixplan.demand.read import MART
    from mixplan.evaluation.folds import folds as table
    from mixplan.evaluation.origins import plan_origins
    from mixplan.mart.read import read_table

    config, sold_on = load_params().evaluation, read_table(MART, "sales")["sold_on"]
    rows = table(plan_origins(sold_on.min(), sold_on.max(), config), config)
    header = ("The forecast", "From", "To", "Learns from forecasts", "Since")
    cells = rows.astype(str).to_numpy().tolist()
    show(f"Sales from {sold_on.min().date()} to {sold_on.max().date()}", header, cells, range(3, 4))
