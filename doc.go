// Package nocall is the Do-Not-Call gate for outbound calling: it keeps a
// do-not-call list for each environment, refuses to place a call to a listed
// number, and listens to conversations for people who ask not to be called
// again. This comment tells the code from the ground up.
//
// # Words
//
// A telephone number is an e164.Number, eight bytes that can be compared. Text
// becomes a Number at a door, by e164.ParseLoose, and is never text again until
// it is printed.
//
// Package pages holds sets of numbers, a few bits each where they are many; the
// lists in memory are made of them.
//
// Package dnc is the reason for everything else. A dnc.List answers for every
// environment: Check asks, Add, Edit and Remove change, and Clear gives leave
// for one call. That leave is a dnc.Clearance. It lapses in seconds, it is
// recalled when its number is listed, and there is no other way to a number
// that may be dialed.
//
// Package optout finds in a conversation the wish not to be called again, and
// says in which words. Package campaign has what is set of a campaign, when a
// contact may be called, and what follows an attempt. Package voice has calls,
// turns, sound and the Provider, which is given a number as a Clearance only.
//
// # Works
//
// An index.Index holds the lists in memory and follows their trail, event by
// event. It clears nothing before it has read everything.
//
// A listen.Listener takes in turns and keypresses, asks the detector, and lists
// the number before it answers. A dialer.Dialer writes a call down, has it
// cleared last of all, and gives the clearance to a provider; so it does with
// the contacts of campaigns. Package access knows users, keys and roles.
//
// # Doors
//
// A store.Store keeps everything in SQLite or PostgreSQL; a change, its event
// and its revision are one transaction, and one commit carries many changes.
// Providers stand below voice: a simulator that rings no one, sip with trunks,
// and external, which signs clearances for platforms that dial by themselves.
// Beside them, stream has a program speak on calls, and ears has a service hear
// them. Package api is the JSON API, package web the page.
//
// # Roof
//
// A node.Node is one running process. It builds all of the above from a Config
// and owns every goroutine. Package cli is the command line, and cmd/nocall
// calls it.
//
// ARCHITECTURE.md has the plan, and arch_test.go holds it.
package nocall
