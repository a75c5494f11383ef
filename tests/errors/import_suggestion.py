from plain_module import helpful_nam
