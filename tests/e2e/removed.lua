-- Kick: the seat, its ticket and its key are refused for the rest of the meeting, and the waiting room is switched on. Only a
-- host's pardon undoes that, and then by way of the waiting room.

local ann = moot.host{name="Ann", waiting_room="off"}

local function seated(name)
	local person = moot.join{name=name}
	person:expect("joined")
	return person
end

moot.test("kicked is out for good", function()
	local bo, cy = seated("Bo"), seated("Cy")
	ann:kick(bo)
	bo:expect("removed", {by=ann})
	bo:expect("bye", {code=6})
	cy:expect("person-left", {name="Bo", code="removed", by=ann})
	cy:expect("controls", {control="waiting-room", value="on"})
	moot.join{name="Bo", as=bo}:expect("refused", {code="removed"})
	moot.join{name="Robert", as=bo}:expect("refused", {code="removed"})
	ann:refute("knock", {}, 0.1)
	moot.equal(ann:state().removed[1].name, "Bo")
end)

moot.test("a pardon lets one knock again, and wait", function()
	ann:set("waiting-room", "off")
	local bo = seated("Bo")
	local number = bo.number
	ann:kick(bo)
	bo:expect("bye")
	ann:pardon(number)
	ann:expect("shut-out", {name="Bo", on=false})
	ann:set("waiting-room", "off")
	local again = moot.join{name="Bo", as=bo}
	again:expect("waiting", {code="pardoned"})
	ann:refused("no-such-person", "pardon", number)
	ann:admit("Bo")
	again:expect("joined")
	moot.check(again.number ~= number, "a number is never given twice")
end)

moot.test("neither oneself nor the host is kicked", function()
	local bo = seated("Bo")
	ann:cohost(bo)
	bo:expect("person-changed", {number=bo.number, role="co-host"})
	ann:refused("not-yourself", "kick", ann)
	bo:refused("not-to-host", "kick", ann)
	bo:refused("not-to-host", "sendback", ann)
end)
