# unittest with a quiet runner.
import unittest, io
class T(unittest.TestCase):
    def setUp(self): self.x = 1
    def test_ok(self): self.assertEqual(self.x, 1); self.assertIn(1, [1]); self.assertTrue(True)
    def test_fail(self): self.assertEqual(1, 2)
    def test_error(self): raise KeyError("e")
    def test_raises(self):
        with self.assertRaises(ValueError) as c: int("x")
        self.assertIn("invalid", str(c.exception))
    @unittest.skip("why")
    def test_skip(self): pass
    def test_sub(self):
        for i in range(3):
            with self.subTest(i=i): self.assertNotEqual(i, 1)
r = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
print(r.testsRun, len(r.failures), len(r.errors), len(r.skipped), r.wasSuccessful(), sorted(t.id().split(".")[-1].split(" ")[0] for t, _ in r.failures))
