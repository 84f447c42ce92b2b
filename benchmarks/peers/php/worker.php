<?php
// A worker over php-gearman: worker.php HOST PORT CONCURRENCY JOBS; one job at a time, whatever CONCURRENCY says.
[, $host, $port, , $expected] = $argv;
$worker = new GearmanWorker();
$worker->addServer($host, (int) $port);
$done = 0;
$firstMs = 0;
$worker->addFunction('echo', fn (GearmanJob $job) => $job->workload());
$worker->addFunction('sink', function () use (&$done, &$firstMs, $expected) {
    if ($done === 0) $firstMs = hrtime(true) / 1e6;
    $done += 1;
    if ($done === (int) $expected) {
        echo json_encode(['jobs' => $done, 'ms' => hrtime(true) / 1e6 - $firstMs]), "\n";
    }
    return '';
});
echo '{"ready":true}', "\n";
while ($worker->work());
