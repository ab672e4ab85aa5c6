"""Files on disk: equal content is equal bytes, and folders are replaced whole or not at all."""
