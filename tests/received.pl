# What SpamAssassin makes of the Received fields of a message on its standard
# input: one line a field, key=value.
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::PerMsgStatus;

# It warns that it has no rules; none are wanted.
local $SIG{__WARN__} = sub { };
my $judge = Mail::SpamAssassin->new({
	dont_copy_prefs => 1, local_tests_only => 1,
	rules_filename => '/dev/null', site_rules_filename => '/dev/null',
	userprefs_filename => '/dev/null',
});
$judge->init(0);
my $mail = $judge->parse(join '', <STDIN>);
my $status = Mail::SpamAssassin::PerMsgStatus->new($judge, $mail);
$status->extract_message_metadata();
my $found = $mail->{metadata};
for my $relay (@{$found->{relays_trusted}}, @{$found->{relays_untrusted}}) {
	print join(' ', map { "$_=$relay->{$_}" } qw(ip rdns helo by id)), "\n";
}
print "unparsed=", $found->{num_relays_unparseable} // 0, "\n";
