"""`computility-exec [--alone] VERB`: all that the agent may do as a tenant's account at a Slurm centre.

This package is installed root-owned as `<libexec>/computility_exec/`, and `entry.py` beside it as
`<libexec>/computility-exec`, the one file that the sudo rule names. Standard library only, and the Python of
a centre's login node, which may be as old as 3.6: hence typing's names. Modules here import each other
relatively, so that they are the same in both places.

Standard input has a JSON line for each attempt, with its `name`, and of an array with all its indices as
`array` and those that are meant as `indices`; standard output answers a line for each, with `name`, the
`chunk` if one was given, and the verb's fields or `error: {kind, message}`. Kinds: `invalid` (the request can
never be carried out), `slurm` (a Slurm command failed: `exitCode`, null if it was killed for being slow),
`untried` (certainly not done, and may be later: no time left, no room for its files, Slurm full), `never`
(this Slurm's own limits admit it at no time), `failed` (files, or a mistake of ours). Exit code 2: nothing
was done, the reason is on standard error. `--alone` before the verb says that no other helper can be at work
for the account: its lock is passed over where a payload has it (see `lock.py`).

    look     queue, claim, go file, start and result of the attempt
    submit   put its files in place and submit it, or the chunk of an array, held
    go       let its payload start
    release  release the held job `nativeID`, if it has the attempt's name
    cancel   end the jobs that have the attempt's name, or the tasks that stand for the indices
    burn     take its claims, so that no payload can start
    tidy     remove what it needs no more once it has ended
"""
