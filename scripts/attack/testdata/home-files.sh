# The files of the person.
cat @HOME@/secret ~/secret; cat @HOME@/*
echo hello >> @HOME@/.bashrc; echo hello >> ~/.bashrc
echo hello > @HOME@/writable; echo hello > @HOME@/new
rm -f @HOME@/.bashrc
