"""What an atomic block has done to classes, their flags and their lists of subclasses is undone with it. # needs: rollback"""
import abc
import gc
import transaction
from _together import ROUNDS, many


class Undo(Exception):
    pass


def work(index):
    class Kind:
        def __getattribute__(self, name):
            return "got " + name

        def __setattr__(self, name, value):
            stored.append((name, value))

    class Abstract(abc.ABC):
        @abc.abstractmethod
        def f(self):
            pass

    class Base:
        pass

    class Child(Base):
        pass

    class Finalized:
        def __del__(self):
            finalized.append(1)

    finalized = []
    for i in range(ROUNDS // 20 + 1):
        stored = []
        try:
            with transaction.atomic:
                del Kind.__getattribute__
                del Kind.__setattr__
                kind = Kind()
                kind.x = 1
                assert kind.x == 1 and not stored
                del Abstract.f
                abc.update_abstractmethods(Abstract)
                Abstract()

                class New(Base):
                    pass

                assert Base.__subclasses__() == [Child, New]
                Base.__len__ = lambda self: 3
                assert len(New()) == 3 == len(Child())
                Child.__bases__ = (Kind,)
                assert Base.__subclasses__() == [New]
                raise Undo
        except Undo:
            pass
        kind = Kind()
        kind.x = 1
        assert kind.x == "got x" and stored == [("x", 1)]
        assert Base.__subclasses__() == [Child] and Kind.__subclasses__() == []
        try:
            len(Child())
        except TypeError:
            pass
        else:
            raise AssertionError("the method is still there")
        try:
            Abstract()
        except TypeError:
            pass
        else:
            raise AssertionError("the class is not abstract any more")
        with transaction.atomic:
            try:
                with transaction.atomic:

                    class Newer(Base):
                        pass

                    Finalized()
                    raise Undo
            except Undo:
                pass
            assert Base.__subclasses__() == [Child]
        assert Base.__subclasses__() == [Child]
    gc.collect()
    assert not finalized


many(work, 2)
print("ok")
