<?php
// client.php FORMAT: submits one job of each kind to the worker of php.test.ts, and tells as JSON what happened.
[, $format] = $argv;
$pack = $format === 'php' ? 'serialize' : 'json_encode';
$unpack = $format === 'php'
    ? fn($bytes) => unserialize($bytes, ['allowed_classes' => false])
    : fn($bytes) => json_decode($bytes, true);

$client = new GearmanClient();
$client->addServers(getenv('GEARMAN_SERVERS'));
$client->enableExceptionHandler();
$client->setTimeout(30000);

$told = [];
$tell = function (string $what, $value) use (&$told) { $told[] = [$what, $value]; };
$client->setDataCallback(fn($task) => $tell('data', $unpack($task->data())));
$client->setWarningCallback(fn($task) => $tell('warning', $unpack($task->data())));
$client->setStatusCallback(fn($task) => $tell('status', [$task->taskNumerator(), $task->taskDenominator()]));
$client->setCompleteCallback(fn($task) => $tell('complete', $unpack($task->data())));
$client->setExceptionCallback(fn($task) => $tell('exception', $task->data()));
$client->setFailCallback(fn($task) => $tell('fail', $task->returnCode() === GEARMAN_WORK_FAIL));

$value = ['name' => 'Grüße', 'list' => [1, 2.5, true, null], 'nested' => ['7' => 'seven'], 'empty' => []];
foreach (["echo-$format" => $value, "steps-$format" => 2, "throw-$format" => 'cannot be done'] as $task => $data) {
    $client->addTask($task, $pack($data));
    $client->runTasks();
}
echo json_encode($told, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE);
