/* The rows of `peers.rs` with GCC's transactional memory: gcc -fgnu-tm -O2 -pthread libitm.c
 * Arguments: row, threads, seconds. Prints millions of transactions a second. */

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ACCOUNTS = 64, BUCKETS = 1024, KEYS = 1000, LIST = 64, SCAN = 1000, LARGE = 1000, VALUES = 16, LEVELS = 8 };

static uint64_t next_random(uint64_t *state) {
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static uint64_t below(uint64_t *state, uint64_t n) { return next_random(state) % n; }

static volatile uint64_t sink;

/* Counters, a cache line each. */
static struct { uint64_t n; char space[120]; } counters[256];
static void counter(int own) {
    __transaction_atomic { counters[own].n++; }
}

static int64_t accounts[ACCOUNTS];
static void bank(uint64_t *rng, unsigned sums) {
    if (below(rng, 100) < sums) {
        int64_t sum = 0;
        __transaction_atomic {
            sum = 0;
            for (int i = 0; i < ACCOUNTS; i++) sum += accounts[i];
        }
        if (sum != 100 * ACCOUNTS) abort();
        return;
    }
    uint64_t a = below(rng, ACCOUNTS), b = below(rng, ACCOUNTS);
    __transaction_atomic {
        accounts[a] -= 1;
        accounts[b] += 1;
    }
}

typedef struct node { uint64_t key; struct node *next; } node;
static node *list_head;
static int list_change(uint64_t key, int what) {
    int found = 0;
    __transaction_atomic {
        node **at = &list_head;
        node *n = *at;
        while (n && n->key < key) {
            at = &n->next;
            n = *at;
        }
        found = n && n->key == key;
        if (found && what == 0) {
            *at = n->next;
            free(n);
        } else if (!found && what == 1) {
            node *made = malloc(sizeof *made);
            made->key = key;
            made->next = n;
            *at = made;
        }
    }
    return found;
}

typedef struct tower { uint64_t key; int height; struct tower *next[LEVELS]; } tower;
static tower skip_head;
static int height(uint64_t key) {
    uint64_t mixed = key;
    int zeros = __builtin_ctzll(next_random(&mixed) | (1u << (LEVELS - 1)));
    return zeros + 1;
}
static int skip_change(uint64_t key, int what) {
    int found = 0;
    __transaction_atomic {
        tower *before[LEVELS];
        tower *at = &skip_head, *next = 0;
        for (int level = LEVELS - 1; level >= 0; level--) {
            next = at->next[level];
            while (next && next->key < key) {
                at = next;
                next = at->next[level];
            }
            before[level] = at;
        }
        found = next && next->key == key;
        if (found && what == 0) {
            for (int level = 0; level < next->height; level++) before[level]->next[level] = next->next[level];
            free(next);
        } else if (!found && what == 1) {
            tower *made = malloc(sizeof *made);
            made->key = key;
            made->height = height(key);
            for (int level = 0; level < made->height; level++) {
                made->next[level] = before[level]->next[level];
                before[level]->next[level] = made;
            }
        }
    }
    return found;
}

/* A bucket is a list of entries. */
typedef struct entry { uint64_t key, value; struct entry *next; } entry;
static entry *buckets[BUCKETS];
static void map(uint64_t *rng, unsigned updates) {
    uint64_t key = below(rng, KEYS), roll = below(rng, 100);
    entry **bucket = &buckets[(key * 0x9E3779B97F4A7C15u >> 32) % BUCKETS];
    int found = 0;
    __transaction_atomic {
        entry **at = bucket;
        entry *e = *at;
        while (e && e->key != key) {
            at = &e->next;
            e = *at;
        }
        found = e != 0;
        if (roll < updates) {
            if (found) {
                *at = e->next;
                free(e);
            } else {
                entry *made = malloc(sizeof *made);
                made->key = key;
                made->value = roll;
                made->next = *bucket;
                *bucket = made;
            }
        }
    }
    sink = found;
}

static uint64_t numbers[SCAN];
static void scan(void) {
    uint64_t sum = 0;
    __transaction_atomic {
        sum = 0;
        for (int i = 0; i < SCAN; i++) sum += numbers[i];
    }
    if (sum != SCAN) abort();
}

static uint64_t values[VALUES][LARGE];
static void large(uint64_t *rng) {
    uint64_t a = below(rng, VALUES), b = below(rng, VALUES);
    int write = below(rng, 4) == 0;
    uint64_t copy[LARGE];
    __transaction_atomic {
        memcpy(copy, values[a], sizeof copy);
        if (write) memcpy(values[b], copy, sizeof copy);
    }
    sink = copy[LARGE - 1];
}

/* Looks at a value, and gives one in four times a new one to another variable. */
static void look(uint64_t *rng) {
    uint64_t a = below(rng, VALUES), b = below(rng, VALUES), last = 0;
    int write = below(rng, 4) == 0;
    __transaction_atomic {
        if (write)
            for (int i = 0; i < LARGE; i++) values[b][i] = 1;
        last = values[a][LARGE - 1];
    }
    sink = last;
}

enum { COUNTER, OWN_COUNTER, TRANSFERS, SOME_SUMS, SUMS, SORTED_LIST, SKIP_LIST, FEW_UPDATES, MANY_UPDATES, SCANS, VALUE_COPIES, VALUE_LOOKS, ROWS };
static const char *const row_names[ROWS] = {
    "counter, shared", "counter, one per thread", "bank, transfers", "bank, 20 % sums", "bank, sums", "sorted list, 20 % updates",
    "skip list, 20 % updates", "hash map, 10 % updates", "hash map, 50 % updates", "scan of 1000", "values of 8 kB",
    "values of 8 kB, looked at",
};
static int row;

static void change(uint64_t *rng, uint64_t keys, int (*f)(uint64_t, int)) {
    uint64_t key = below(rng, keys), roll = below(rng, 200);
    sink = f(key, roll < 40 ? roll % 2 == 0 : -1);
}

static void step(uint64_t thread, uint64_t *rng) {
    switch (row) {
    case COUNTER: counter(0); break;
    case OWN_COUNTER: counter(1 + thread); break;
    case TRANSFERS: bank(rng, 0); break;
    case SOME_SUMS: bank(rng, 20); break;
    case SUMS: bank(rng, 100); break;
    case SORTED_LIST: change(rng, LIST * 2, list_change); break;
    case SKIP_LIST: change(rng, KEYS, skip_change); break;
    case FEW_UPDATES: map(rng, 10); break;
    case MANY_UPDATES: map(rng, 50); break;
    case SCANS: scan(); break;
    case VALUE_COPIES: large(rng); break;
    case VALUE_LOOKS: look(rng); break;
    }
}

static volatile int stop;
static pthread_barrier_t start;
static void *body(void *arg) {
    uint64_t thread = (uint64_t)arg, rng = thread + 1, n = 0;
    pthread_barrier_wait(&start);
    while (!stop) {
        for (int i = 0; i < 16; i++) step(thread, &rng);
        n += 16;
    }
    return (void *)n;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: %s ROW THREADS SECONDS\n", argv[0]);
        return 2;
    }
    while (row < ROWS && strcmp(argv[1], row_names[row])) row++;
    if (row == ROWS) {
        fprintf(stderr, "no row %s\n", argv[1]);
        return 2;
    }
    uint64_t threads = strtoul(argv[2], 0, 10);
    double seconds = strtod(argv[3], 0);
    for (int i = 0; i < ACCOUNTS; i++) accounts[i] = 100;
    for (int i = 0; i < SCAN; i++) numbers[i] = 1;
    for (int i = 0; i < VALUES; i++) for (int k = 0; k < LARGE; k++) values[i][k] = 1;
    for (uint64_t k = 0; k < LIST * 2; k += 2) list_change(k, 1);
    for (uint64_t k = 0; k < KEYS; k += 2) skip_change(k, 1);
    pthread_barrier_init(&start, 0, threads + 1);
    pthread_t *handles = calloc(threads, sizeof *handles);
    for (uint64_t i = 0; i < threads; i++) pthread_create(&handles[i], 0, body, (void *)i);
    pthread_barrier_wait(&start);
    double begin = now();
    usleep(seconds * 1e6);
    stop = 1;
    double elapsed = now() - begin;
    uint64_t all = 0;
    for (uint64_t i = 0; i < threads; i++) {
        void *n;
        pthread_join(handles[i], &n);
        all += (uint64_t)n;
    }
    printf("%f\n", all / elapsed / 1e6);
}
