#!/usr/bin/perl
# A client over Gearman::Client: client.pl HOST PORT closed IN_FLIGHT SIZE WARM_UP_MS MEASURED_MS
#                                client.pl HOST PORT background JOBS SIZE
use strict;
use warnings;
use Gearman::Client;
use Time::HiRes qw(time);

$| = 1;
my ($host, $port, $mode, $first, $size, $warm_up_ms, $measured_ms) = @ARGV;
my $client = Gearman::Client->new(job_servers => ["$host:$port"]);
my $data = 'x' x $size;
my ($completed, $all) = (0, 0);
print "{\"ready\":true}\n";

sub count_result {
    die "a result has the wrong length\n" unless length ${ $_[0] } == $size;
    $completed += 1;
    $all += 1;
}

if ($mode eq 'closed') {
    my @latencies;
    my $begin = my $last = time;
    my ($start, $now) = (0, 0);
    for (;;) {
        if ($first == 1) {
            count_result($client->do_task('echo', $data));
        } else {
            my $tasks = $client->new_task_set;
            $tasks->add_task('echo', $data, { on_complete => \&count_result }) for 1 .. $first;
            $tasks->wait;
        }
        $now = time;
        if (!$start) {
            if (($now - $begin) * 1000 >= $warm_up_ms) { $start = $now; $completed = 0 }
        } else {
            push @latencies, $now - $last;
            last if ($now - $start) * 1000 >= $measured_ms;
        }
        $last = $now;
    }
    @latencies = sort { $a <=> $b } @latencies;
    printf "{\"jobs\":%d,\"allJobs\":%d,\"ms\":%f,\"p50Ms\":%f,\"p99Ms\":%f}\n", $completed, $all, ($now - $start) * 1000,
        $latencies[int($#latencies / 2)] * 1000, $latencies[int($#latencies * 0.99)] * 1000;
} else {
    my $submit = sub {
        for (1 .. $_[0]) { $client->dispatch_background('sink', $data) or die "not accepted\n" }
    };
    $submit->($first / 5);
    my $start = time;
    $submit->($first);
    printf "{\"jobs\":%d,\"allJobs\":%d,\"ms\":%f}\n", $first, $first * 1.2, (time - $start) * 1000;
}
<STDIN>;
