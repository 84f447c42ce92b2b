#!/usr/bin/perl
# worker.pl: a worker as Perl users write them, for the clients of perl.test.ts.
use strict;
use warnings;
use Gearman::Worker;
use JSON::PP;

my $json   = JSON::PP->new->utf8->canonical->allow_nonref;
my $worker = Gearman::Worker->new(job_servers => [split /,/, $ENV{GEARMAN_SERVERS}]);

$worker->register_function('perl-echo', sub { $json->encode($json->decode($_[0]->arg)) });
$worker->register_function('perl-steps', sub {
    my ($job) = @_;
    my $steps = $json->decode($job->arg);
    for my $step (1 .. $steps) {
        $worker->send_work_data($job, $json->encode({ step => $step }));
        $job->set_status($step, $steps);
    }
    $worker->send_work_warning($job, $json->encode('nearly done'));
    return $json->encode('done');
});
$worker->register_function('perl-throws', sub {
    my ($job) = @_;
    $worker->send_work_exception($job, 'out of range');
    return;
});
$worker->register_function('perl-fails', sub { return });
$worker->register_function('perl-dies', sub { die "not caught\n" });
$worker->work while 1;
