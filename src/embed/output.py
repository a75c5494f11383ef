"""Gives what is printed to the program around the interpreter."""


def _keelback_output(write):
    import sys
    from transaction import is_atomic, on_commit

    class Output:
        encoding = 'utf-8'
        errors = 'backslashreplace'
        closed = False

        def write(self, text):
            if not isinstance(text, str):
                raise TypeError(f'write() argument must be str, not {type(text).__name__}')
            if is_atomic():
                # Seen if the block commits.
                on_commit(lambda: write(text))
            else:
                write(text)
            return len(text)

        def flush(self):
            pass

        def isatty(self):
            return False

        def writable(self):
            return True

    sys.stdout = sys.__stdout__ = sys.stderr = sys.__stderr__ = Output()


_keelback_output(_keelback_write)
del _keelback_output, _keelback_write
