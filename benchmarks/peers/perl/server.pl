#!/usr/bin/perl
# Gearman::Server: server.pl HOST PORT
use strict;
use warnings;
use IO::Socket::INET;
use Danga::Socket;
use Gearman::Server;
use Gearman::Util;

$| = 1;
my ($host, $port) = @ARGV;
my $server = Gearman::Server->new;
$server->create_listening_sock($port, local_addr => $host);
print "{\"ready\":true}\n";
Danga::Socket->EventLoop;
