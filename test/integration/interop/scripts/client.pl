#!/usr/bin/perl
# client.pl: submits one job of each kind to the worker of perl.test.ts, and tells as JSON what happened.
use strict;
use warnings;
use Gearman::Client;
use JSON::PP;

my $json   = JSON::PP->new->utf8->canonical->allow_nonref;
my $client = Gearman::Client->new(job_servers => [split /,/, $ENV{GEARMAN_SERVERS}], exceptions => 1);
my @told;

my $tasks = $client->new_task_set;
for my $job (['echo', { name => "Gr\x{fc}\x{df}e", list => [1, 2.5] }], ['steps', 2], ['throw', 'cannot be done']) {
    my ($task, $data) = @$job;
    my $payload = $json->encode($data);
    $tasks->add_task(
        $task,
        \$payload,
        {
            on_data      => sub { push @told, ['data',      $json->decode(${ $_[0] })] },
            on_warning   => sub { push @told, ['warning',   $json->decode(${ $_[0] })] },
            on_status    => sub { push @told, ['status',    [$_[0] + 0, $_[1] + 0]] },
            on_complete  => sub { push @told, ['complete',  $json->decode(${ $_[0] })] },
            on_exception => sub { push @told, ['exception', $_[0]] },
            on_fail      => sub { push @told, ['fail'] },
        }
    );
    $tasks->wait(timeout => 30);
}
print JSON::PP->new->utf8->encode(\@told);
