package cli

const usage = `Usage:
    nocall serve [-data DIR] [-listen ADDR]
    nocall check [-json] NUMBER... | -
    nocall add [-reason TEXT] NUMBER... | -
    nocall remove NUMBER... | -
    nocall list [-search PART] [-created-by user|system]
    nocall export [-safe] > list.csv
    nocall import [-dry-run] FILE... | list | undo ID
    nocall scrub -out FILE -suppressed FILE CONTACTS
    nocall registry import|list|subscribe|rollback|exempt|... ...
    nocall detect < conversations.jsonl
    nocall call place|inbound|say|press|end|show|list ...
    nocall review list|confirm|release ...
    nocall campaign new|contacts|start|pause|progress|list|... ...
    nocall number list|add|pace|remove ...
    nocall key|user|environment add|list|remove|... ...
    nocall demo | backup | bench | config | version

No clearance, no call: nocall keeps a do-not-call list for each environment
and refuses to place a call to a number on it.

serve runs the server. The other commands ask a running one:

    -server URL          where it is, or NOCALL_SERVER (http://127.0.0.1:8080)
    -key-file FILE       file with a key, or NOCALL_KEY_FILE
    -key KEY             the key itself, better in NOCALL_KEY
    -environment NAME    or NOCALL_ENVIRONMENT; by default that of the key

Results are on standard output, with -json one JSON object a line. The exit
status is 0, or 1 when something failed, or 2 when the command line is wrong.

Example:
    $ nocall serve -bootstrap-key-file keys.json &
    $ export NOCALL_KEY_FILE=keys.json NOCALL_ENVIRONMENT=sandbox
    $ nocall add -reason "asked by email" +14155550123
    +14155550123 added
    $ nocall check +14155550123
    +14155550123 listed

"nocall help COMMAND" says more about a command.
`

// usages returns the usage text of each command; "" is the whole program.
func usages() map[string]string {
	return map[string]string{
		"":            usage,
		"serve":       serveUsage,
		"check":       checkUsage,
		"add":         addUsage,
		"remove":      removeUsage,
		"list":        listUsage,
		"export":      exportUsage,
		"import":      importUsage,
		"scrub":       scrubUsage,
		"registry":    registryUsage,
		"detect":      detectUsage,
		"call":        callUsage,
		"review":      reviewUsage,
		"campaign":    campaignUsage,
		"number":      numberUsage,
		"key":         keyUsage,
		"user":        userUsage,
		"environment": environmentUsage,
		"demo":        demoUsage,
		"backup":      backupUsage,
		"bench":       benchUsage,
		"config":      configUsage,
		"version":     versionUsage,
	}
}
