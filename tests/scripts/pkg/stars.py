public, _underscore = "public", "under"
