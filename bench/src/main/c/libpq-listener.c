/*
 * The peer in C: libpq and poll(2). It takes the same tasks from standard input as WorkerProcess.java, one a line, and answers each
 * by a line of values:
 *
 *   latency RATE SAMPLES      p50 and p99 from just before a NOTIFY to the listener, p50 of the NOTIFY, p50 from its end to the
 *                             listener; in microseconds. The listener is a thread with a connection of its own.
 *   round-trips N MILLIS      round trips a second: N connections listen, each to a channel of its own; a NOTIFY to one of them after
 *                             the other, each as soon as the one before has arrived.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PAYLOAD 100
#define DIGITS 20

static const char *url;

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what, PGconn *connection)
{
    fprintf(stderr, "bench: libpq: %s: %s\n", what, connection == NULL ? "out of memory" : PQerrorMessage(connection));
    exit(1);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL)
        fail("memory", NULL);
    return memory;
}

static PGconn *open_connection(void)
{
    PGconn *connection = PQconnectdb(url);

    if (PQstatus(connection) != CONNECTION_OK)
        fail("connecting", connection);
    return connection;
}

static void check(PGconn *connection, PGresult *result, const char *what)
{
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail(what, connection);
    PQclear(result);
}

static void prepare(PGconn *connection)
{
    check(connection, PQprepare(connection, "notify", "SELECT pg_notify($1, $2)", 2, NULL), "preparing");
}

static void notify(PGconn *connection, const char *channel, int64_t number)
{
    char payload[PAYLOAD + 1];
    const char *values[2] = {channel, payload};

    memset(payload, 'x', PAYLOAD);
    payload[PAYLOAD] = 0;
    snprintf(payload, DIGITS + 1, "%020lld", (long long) number);
    payload[DIGITS] = 'x';
    check(connection, PQexecPrepared(connection, "notify", 2, values, NULL, NULL, 0), "NOTIFY");
}

/* Waits for the next notification, and returns its number. */
static int64_t next(PGconn *connection)
{
    PGnotify *notification;
    int64_t number;

    while ((notification = PQnotifies(connection)) == NULL)
    {
        struct pollfd ready = {PQsocket(connection), POLLIN, 0};

        poll(&ready, 1, -1);
        if (!PQconsumeInput(connection))
            fail("reading", connection);
    }
    notification->extra[DIGITS] = 0;
    number = strtoll(notification->extra, NULL, 10);
    PQfreemem(notification);
    return number;
}

struct receiver
{
    PGconn *connection;
    int count;
    int64_t *received;
};

static void *receive(void *argument)
{
    struct receiver *receiver = argument;

    for (int i = 0; i < receiver->count; i++)
    {
        int64_t number = next(receiver->connection);

        receiver->received[number] = now();
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *) a;
    int64_t y = *(const int64_t *) b;

    return (x > y) - (x < y);
}

static double percentile(int64_t *values, int count, int percent)
{
    int at = (int) ((int64_t) count * percent / 100);

    qsort(values, count, sizeof *values, compare);
    return values[at < count ? at : count - 1] / 1e3;
}

static void latency(int rate, int samples)
{
    int warm_up = rate / 5;
    int count = warm_up + samples;
    int64_t *begun = allocate(count, sizeof *begun);
    int64_t *ended = allocate(count, sizeof *ended);
    int64_t *received = allocate(count, sizeof *received);
    int64_t *values = allocate(samples, sizeof *values);
    struct receiver receiver = {open_connection(), count, received};
    PGconn *sender = open_connection();
    pthread_t thread;
    int64_t due;
    double p50, p99, statement, own;

    check(receiver.connection, PQexec(receiver.connection, "LISTEN latency"), "LISTEN");
    prepare(sender);
    if (pthread_create(&thread, NULL, receive, &receiver) != 0)
        fail("thread", NULL);
    due = now();
    for (int i = 0; i < count; i++)
    {
        begun[i] = now();
        notify(sender, "latency", i);
        ended[i] = now();
        due += 1000000000LL / rate;
        for (int64_t left = due - now(); left > 0; left = due - now())
        {
            struct timespec pause = {left / 1000000000LL, left % 1000000000LL};

            nanosleep(&pause, NULL);
        }
    }
    pthread_join(thread, NULL);
    for (int i = 0; i < samples; i++)
        values[i] = received[warm_up + i] - begun[warm_up + i];
    p50 = percentile(values, samples, 50);
    p99 = percentile(values, samples, 99);
    for (int i = 0; i < samples; i++)
        values[i] = ended[warm_up + i] - begun[warm_up + i];
    statement = percentile(values, samples, 50);
    for (int i = 0; i < samples; i++)
        values[i] = received[warm_up + i] - ended[warm_up + i];
    own = percentile(values, samples, 50);
    printf("%f %f %f %f\n", p50, p99, statement, own);
    PQfinish(sender);
    PQfinish(receiver.connection);
    free(begun);
    free(ended);
    free(received);
    free(values);
}

static void round_trips(int connections, int millis)
{
    PGconn **listeners = allocate(connections, sizeof *listeners);
    PGconn *sender = open_connection();
    char text[64];
    int64_t begin, end, count = 0;

    for (int i = 0; i < connections; i++)
    {
        listeners[i] = open_connection();
        snprintf(text, sizeof text, "LISTEN \"channel-%d\"", i);
        check(listeners[i], PQexec(listeners[i], text), "LISTEN");
    }
    prepare(sender);
    begin = now();
    for (end = begin + millis * 1000000LL; now() < end; count++)
    {
        snprintf(text, sizeof text, "channel-%d", (int) (count % connections));
        notify(sender, text, count);
        if (next(listeners[count % connections]) != count)
            fail("another notification than the one that was sent", sender);
    }
    printf("%f\n", count * 1e9 / (now() - begin));
    for (int i = 0; i < connections; i++)
        PQfinish(listeners[i]);
    PQfinish(sender);
    free(listeners);
}

int main(int argc, char **argv)
{
    char line[256];
    int first, second;

    if (argc != 2)
        return 2;
    url = argv[1];
    while (fgets(line, sizeof line, stdin) != NULL)
    {
        if (sscanf(line, "latency %d %d", &first, &second) == 2 && first > 0 && second > 0)
            latency(first, second);
        else if (sscanf(line, "round-trips %d %d", &first, &second) == 2 && first > 0 && second > 0)
            round_trips(first, second);
        else
        {
            fprintf(stderr, "bench: libpq: no such task: %s", line);
            return 1;
        }
        fflush(stdout);
    }
    return 0;
}
