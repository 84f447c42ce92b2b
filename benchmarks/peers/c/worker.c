/*
 * A worker over libgearman: worker HOST PORT CONCURRENCY JOBS. It has one job at a time, whatever CONCURRENCY says:
 * libgearman has no way to hold more. With JOBS > 0 it writes how long so many took, but for a tenth
 * that warms up.
 */
#include <libgearman/gearman.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long expected, done;
static double start_ms;

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static gearman_return_t echo(gearman_job_st *job, void *context) {
  (void)context;
  if (gearman_failed(gearman_job_send_complete(job, gearman_job_workload(job), gearman_job_workload_size(job))))
    return GEARMAN_ERROR;
  return GEARMAN_SUCCESS;
}

static gearman_return_t sink(gearman_job_st *job, void *context) {
  (void)job, (void)context;
  if (done == expected / 10) start_ms = now_ms();
  done += 1;
  if (done == expected) {
    printf("{\"jobs\":%ld,\"allJobs\":%ld,\"ms\":%.3f}\n", done - expected / 10, done, now_ms() - start_ms);
    fflush(stdout);
  }
  return GEARMAN_SUCCESS;
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  expected = atol(argv[4]);
  gearman_worker_st *worker = gearman_worker_create(NULL);
  gearman_worker_add_server(worker, argv[1], (in_port_t)atoi(argv[2]));
  gearman_function_t echo_function = gearman_function_create(echo);
  gearman_function_t sink_function = gearman_function_create(sink);
  gearman_worker_define_function(worker, "echo", 4, echo_function, 0, NULL);
  gearman_worker_define_function(worker, "sink", 4, sink_function, 0, NULL);
  printf("{\"ready\":true}\n");
  fflush(stdout);
  while (gearman_success(gearman_worker_work(worker))) continue;
  fprintf(stderr, "%s\n", gearman_worker_error(worker));
  return 1;
}
