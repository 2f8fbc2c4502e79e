-- A lost line: the seat is held and shown as away. The ticket takes it back, from anywhere in the meeting's life, with role,
-- hand, mute state and the chat that was missed; it works once, and for that client alone.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo = moot.join{name="Bo", mic="silence", speaker="null"}
bo:expect("joined")

local function as_seen_by_ann(person)
	for _, one in ipairs(ann:state().people) do
		if one.number == person.number then return one end
	end
end

moot.test("role, hand and mute state are kept, and the chat is caught up", function()
	ann:cohost(bo)
	bo:expect("person-changed", {role="co-host"})
	bo:raise()
	bo:mute()
	ann:expect("person-changed", {number=bo.number, mic="muted"})
	bo:net{drop=true}
	ann:expect("away", {number=bo.number})
	ann:chat("while you were away")
	moot.equal(as_seen_by_ann(bo).away, true)
	bo:expect("resumed", {number=bo.number})
	bo:expect("chat", {text="while you were away"})
	local person = as_seen_by_ann(bo)
	moot.equal(person.role, "co-host")
	moot.equal(person.mic, "muted")
	moot.check(person.hand > 0, "the hand is up")
	moot.equal(person.away, false)
end)

moot.test("as often as the line breaks", function()
	for _ = 1, 2 do
		bo:net{drop=true}
		ann:expect("away", {number=bo.number})
		ann:expect("resumed", {number=bo.number})
	end
	moot.equal(bo.presence, "in")
end)

moot.test("a slow line is no lost line", function()
	bo:net{rate=64000}
	bo:net{stall=0.3}
	ann:chat("take your time")
	bo:expect("chat", {text="take your time"})
	bo:net{rate=0}
end)

moot.test("a new connection takes nobody's seat", function()
	local other = moot.join{name="Bo", as=bo}
	other:expect("joined")
	moot.check(other.number ~= bo.number, "it got a number of its own")
	moot.equal(bo.presence, "in")
end)

moot.test("when the time is over the seat is given up", function()
	local short = moot.relay{args={"--seat-hold", "1"}}
	local di = moot.host{name="Di", relay=short, waiting_room="off"}
	local ed = moot.join{name="Ed", to=di}
	ed:expect("joined")
	ed:vanish()
	di:expect("away", {name="Ed"})
	di:expect("person-left", {name="Ed", code="lost"})
end)
