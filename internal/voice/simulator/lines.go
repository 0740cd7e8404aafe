package simulator

import "nocall/internal/optout"

const (
	agent   = optout.Agent
	contact = optout.Contact
)

var greeting = Line{Speaker: agent, Text: "Hi, this is Sam from Brightside Energy. " +
	"I'm calling about your electricity plan. Do you have a minute?"}

// politeCalls are the talks of contacts who stay friendly. Some of them come
// close to an opt-out and are none.
var politeCalls = [][]Line{
	{
		greeting,
		{Speaker: contact, Text: "Sure, go ahead."},
		{Speaker: agent, Text: "Great. One plan would save you about ten dollars a month."},
		{Speaker: contact, Text: "Sounds interesting. Can you send me the details by email?"},
		{Speaker: agent, Text: "Of course. You will have them today. Thank you!"},
		{Speaker: contact, Text: "Thanks, bye."},
	},
	{
		greeting,
		{Speaker: contact, Text: "I'm in a meeting, can you call me back later?"},
		{Speaker: agent, Text: "No problem. Would tomorrow afternoon suit you?"},
		{Speaker: contact, Text: "Yes, but please don't call before five."},
		{Speaker: agent, Text: "After five, then. Goodbye!"},
	},
	{
		greeting,
		{Speaker: contact, Text: "No thanks, I'm not interested."},
		{Speaker: agent, Text: "That's fine. Have a nice day."},
		{Speaker: contact, Text: "You too."},
	},
	{
		greeting,
		{Speaker: contact, Text: "Who gave you my number?"},
		{Speaker: agent, Text: "You asked for an offer on our web page. " +
			"If you would rather not be called, just say so, or press 9."},
		{Speaker: contact, Text: "Oh right, I did. No, that's fine, what's the offer?"},
		{Speaker: agent, Text: "Ten percent off for a year, no contract."},
		{Speaker: contact, Text: "I'll think about it."},
	},
}

// optOutCalls are the talks of contacts who ask not to be called again.
var optOutCalls = [][]Line{
	{
		greeting,
		{Speaker: contact, Text: "Please don't call me again."},
	},
	{
		greeting,
		{Speaker: contact, Text: "How did you get this number?"},
		{Speaker: agent, Text: "It is in our customer file."},
		{Speaker: contact, Text: "Well, take me off your list, please."},
	},
	{
		greeting,
		{Speaker: contact, Text: "I've told you people before, stop calling me!"},
	},
	{
		greeting,
		{Speaker: contact, Text: "I'm not interested, so please do not call me again."},
	},
	{
		greeting,
		{Speaker: contact, Text: "Hold on. Could you please remove my number from your system?"},
	},
}

// keyCall is the talk of a contact who presses the opt-out key.
var keyCall = []Line{
	{Speaker: agent, Text: "Hi, this is a call from Brightside Energy. " +
		"To hear our offer, stay on the line. Press 9 not to be called again."},
	{Keys: "9"},
}

// goodbye is how the agent takes leave of a contact who has opted out.
var goodbye = Line{
	Speaker: agent,
	Text:    "Understood. I have taken your number off our calls. Goodbye.",
}
