<?php
// worker.php: a worker as PHP users write them, for the clients of php.test.ts.
final class Point
{
    public function __construct(public int $x, protected int $y, private string $label = 'origin') {}
}

$worker = new GearmanWorker();
$worker->addServers(getenv('GEARMAN_SERVERS'));

$worker->addFunction('php-echo', fn(GearmanJob $job) => serialize(unserialize($job->workload(), ['allowed_classes' => false])));
$worker->addFunction('php-object', fn(GearmanJob $job) => serialize(new Point(1, 2)));
$worker->addFunction('php-json', fn(GearmanJob $job) => json_encode(json_decode($job->workload(), true)));
$worker->addFunction('php-steps', function (GearmanJob $job) {
    $steps = unserialize($job->workload());
    for ($step = 1; $step <= $steps; $step++) {
        $job->sendData(serialize(['step' => $step]));
        $job->sendStatus($step, $steps);
    }
    $job->sendWarning(serialize('nearly done'));
    return serialize('done');
});
$worker->addFunction('php-throws', function (GearmanJob $job) {
    try {
        throw new DomainException('out of range', 7);
    } catch (Throwable $error) {
        $job->sendException(get_class($error) . ': ' . $error->getMessage());
    }
});
$worker->addFunction('php-throws-data', function (GearmanJob $job) {
    $job->sendException(serialize(['name' => 'DomainException', 'message' => 'out of range', 'code' => 7]));
});
$worker->addFunction('php-throws-json', function (GearmanJob $job) {
    $job->sendException(json_encode(['name' => 'DomainException', 'message' => 'out of range', 'code' => 7]));
});
$worker->addFunction('php-throws-object', function (GearmanJob $job) {
    $job->sendException(serialize(new DomainException('out of range', 7)));
});
$worker->addFunction('php-fails', function (GearmanJob $job) {
    $job->sendFail();
});
$worker->addFunction('php-dies', function (GearmanJob $job) {
    throw new RuntimeException('not caught');
});
while ($worker->work()) {
    // gearmand gives one job after the other
}
