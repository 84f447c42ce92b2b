<?php
// A client over php-gearman: client.php HOST PORT closed IN_FLIGHT SIZE WARM_UP_MS MEASURED_MS
//                            client.php HOST PORT background JOBS SIZE
[, $host, $port, $mode, $first, $size] = $argv;
$client = new GearmanClient();
$client->addServer($host, (int) $port);
$data = str_repeat('x', (int) $size);
echo '{"ready":true}', "\n";

function nowMs(): float
{
    return hrtime(true) / 1e6;
}

if ($mode === 'closed') {
    $inFlight = (int) $first;
    $completed = $all = 0;
    $client->setCompleteCallback(function (GearmanTask $task) use (&$completed, &$all, $size) {
        if ($task->dataSize() !== (int) $size) {
            fwrite(STDERR, "a result has the wrong length\n");
            exit(1);
        }
        $completed += 1;
        $all += 1;
    });
    $latencies = [];
    $beginMs = $lastMs = nowMs();
    $startMs = 0;
    for (;;) {
        if ($inFlight === 1) {
            if (strlen($client->doNormal('echo', $data)) !== (int) $size) exit(1);
            $completed += 1;
            $all += 1;
        } else {
            for ($index = 0; $index < $inFlight; $index += 1) $client->addTask('echo', $data);
            if (!$client->runTasks()) exit(1);
        }
        $nowMs = nowMs();
        if ($startMs === 0) {
            if ($nowMs - $beginMs >= (float) $argv[6]) {
                $startMs = $nowMs;
                $completed = 0;
            }
        } else {
            $latencies[] = $nowMs - $lastMs;
            if ($nowMs - $startMs >= (float) $argv[7]) break;
        }
        $lastMs = $nowMs;
    }
    sort($latencies);
    $last = count($latencies) - 1;
    echo json_encode([
        'jobs' => $completed,
        'allJobs' => $all,
        'ms' => $nowMs - $startMs,
        'p50Ms' => $latencies[intdiv($last, 2)],
        'p99Ms' => $latencies[intdiv($last * 99, 100)],
    ]), "\n";
} else {
    $submit = function (int $jobs) use ($client, $data): void {
        for ($left = $jobs; $left > 0; $left -= 1000) {
            for ($index = 0; $index < min($left, 1000); $index += 1) $client->addTaskBackground('sink', $data);
            if (!$client->runTasks()) exit(1);
        }
    };
    $submit(intdiv((int) $first, 5));
    $startMs = nowMs();
    $submit((int) $first);
    echo json_encode(['jobs' => (int) $first, 'allJobs' => (int) ($first * 1.2), 'ms' => nowMs() - $startMs]), "\n";
}
fgets(STDIN);
