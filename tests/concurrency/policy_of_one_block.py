"""The policy of one atomic block ends with it, also if the block gives up. # needs: rollback"""
import transaction
from _together import ROUNDS, many

counter = [0]


def work(index):
    done = 0
    for _ in range(ROUNDS):
        try:
            with transaction.atomic(retry="giveup:1"):
                counter[0] += 1
                for _ in range(20):
                    pass
            done += 1
        except transaction.Aborted:
            pass
        # This one never gives up.
        with transaction.atomic:
            counter[0] += 1
        done += 1
    return done


assert sum(many(work)) == counter[0]
print("ok")
