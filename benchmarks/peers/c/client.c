/*
 * A client over libgearman: client HOST PORT closed IN_FLIGHT SIZE WARM_UP_MS MEASURED_MS
 *                           client HOST PORT background JOBS SIZE
 * Writes one line of JSON on stdout, then waits for the end of stdin. libgearman has no way to add to a set of tasks
 * that is under way: more than one in flight means rounds of so many.
 */
#include <libgearman/gearman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH 1000
/* Of background jobs so many more warm up. */
#define WARM_UP_PART 5
#define MAX_LATENCIES 1000000

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void fail(gearman_client_st *client, const char *what) {
  fprintf(stderr, "%s: %s\n", what, gearman_client_error(client));
  exit(1);
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return a < b ? -1 : a > b;
}

static size_t expected_size;
static long completed, all;

static gearman_return_t on_complete(gearman_task_st *task) {
  if (gearman_task_data_size(task) != expected_size) {
    fprintf(stderr, "a result has the wrong length\n");
    exit(1);
  }
  completed += 1;
  all += 1;
  return GEARMAN_SUCCESS;
}

static void call_one(gearman_client_st *client, const char *data, size_t size) {
  size_t result_size;
  gearman_return_t code;
  void *result = gearman_client_do(client, "echo", NULL, data, size, &result_size, &code);
  if (gearman_failed(code) || result_size != size) fail(client, "gearman_client_do");
  free(result);
  completed += 1;
  all += 1;
}

static void call_many(gearman_client_st *client, const char *data, size_t size, int count) {
  gearman_return_t code;
  for (int index = 0; index < count; index += 1) {
    gearman_client_add_task(client, NULL, NULL, "echo", NULL, data, size, &code);
    if (gearman_failed(code)) fail(client, "gearman_client_add_task");
  }
  if (gearman_failed(gearman_client_run_tasks(client))) fail(client, "gearman_client_run_tasks");
  gearman_client_task_free_all(client);
}

static void closed_loop(gearman_client_st *client, const char *data, char **argv) {
  int in_flight = atoi(argv[4]);
  size_t size = (size_t)atol(argv[5]);
  double warm_up_ms = atof(argv[6]), measured_ms = atof(argv[7]);
  double *latencies = malloc(sizeof(double) * MAX_LATENCIES);
  long count = 0;
  double start_ms = 0, last_ms = now_ms(), begin_ms = last_ms;
  expected_size = size;
  gearman_client_set_complete_fn(client, on_complete);
  for (;;) {
    if (in_flight == 1) call_one(client, data, size);
    else call_many(client, data, size, in_flight);
    double end_ms = now_ms();
    if (start_ms == 0) {
      if (end_ms - begin_ms >= warm_up_ms) {
        start_ms = end_ms;
        completed = 0;
      }
    } else {
      if (count < MAX_LATENCIES) latencies[count++] = end_ms - last_ms;
      if (end_ms - start_ms >= measured_ms) {
        last_ms = end_ms;
        break;
      }
    }
    last_ms = end_ms;
  }
  qsort(latencies, (size_t)count, sizeof(double), compare);
  printf("{\"jobs\":%ld,\"allJobs\":%ld,\"ms\":%.3f,\"p50Ms\":%.4f,\"p99Ms\":%.4f}\n", completed, all, last_ms - start_ms,
         latencies[count / 2], latencies[(count - 1) * 99 / 100]);
}

static void submit(gearman_client_st *client, const char *data, size_t size, long jobs) {
  gearman_return_t code;
  for (long left = jobs; left > 0; left -= BATCH) {
    for (long index = 0; index < (left < BATCH ? left : BATCH); index += 1) {
      gearman_client_add_task_background(client, NULL, NULL, "sink", NULL, data, size, &code);
      if (gearman_failed(code)) fail(client, "gearman_client_add_task_background");
    }
    if (gearman_failed(gearman_client_run_tasks(client))) fail(client, "gearman_client_run_tasks");
    gearman_client_task_free_all(client);
  }
}

static void background(gearman_client_st *client, const char *data, char **argv) {
  long jobs = atol(argv[4]);
  size_t size = (size_t)atol(argv[5]);
  submit(client, data, size, jobs / WARM_UP_PART);
  double start_ms = now_ms();
  submit(client, data, size, jobs);
  printf("{\"jobs\":%ld,\"allJobs\":%ld,\"ms\":%.3f}\n", jobs, jobs + jobs / WARM_UP_PART, now_ms() - start_ms);
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  gearman_client_st *client = gearman_client_create(NULL);
  if (gearman_failed(gearman_client_add_server(client, argv[1], (in_port_t)atoi(argv[2])))) fail(client, "add_server");
  char *data = malloc((size_t)atol(argv[5]));
  memset(data, 'x', (size_t)atol(argv[5]));
  printf("{\"ready\":true}\n");
  fflush(stdout);
  if (strcmp(argv[3], "closed") == 0 && argc >= 8) closed_loop(client, data, argv);
  else background(client, data, argv);
  fflush(stdout);
  while (getchar() != EOF) continue;
  return 0;
}
