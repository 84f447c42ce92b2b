#!/usr/bin/perl
# A worker over Gearman::Worker: worker.pl HOST PORT CONCURRENCY JOBS; one job at a time, whatever CONCURRENCY says.
use strict;
use warnings;
use Gearman::Worker;
use Time::HiRes qw(time);

$| = 1;
my ($host, $port, undef, $expected) = @ARGV;
my $worker = Gearman::Worker->new(job_servers => ["$host:$port"]);
my ($done, $start) = (0, 0);
my $warm_up = int($expected / 10);
$worker->register_function(echo => sub { $_[0]->arg });
$worker->register_function(
    sink => sub {
        $start = time if $done == $warm_up;
        $done += 1;
        printf "{\"jobs\":%d,\"ms\":%f}\n", $done - $warm_up, (time - $start) * 1000 if $done == $expected;
        return '';
    }
);
print "{\"ready\":true}\n";
$worker->work while 1;
