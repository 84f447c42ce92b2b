<?php
// A worker over php-gearman: worker.php HOST PORT CONCURRENCY JOBS; one job at a time, whatever CONCURRENCY says.
[, $host, $port, , $expected] = $argv;
$worker = new GearmanWorker();
$worker->addServer($host, (int) $port);
$done = 0;
$startMs = 0;
$worker->addFunction('echo', fn (GearmanJob $job) => $job->workload());
$worker->addFunction('sink', function () use (&$done, &$startMs, $expected) {
    if ($done === intdiv((int) $expected, 10)) $startMs = hrtime(true) / 1e6;
    $done += 1;
    if ($done === (int) $expected) {
        echo json_encode(['jobs' => $done - intdiv($done, 10), 'ms' => hrtime(true) / 1e6 - $startMs]), "\n";
    }
    return '';
});
echo '{"ready":true}', "\n";
while ($worker->work());
