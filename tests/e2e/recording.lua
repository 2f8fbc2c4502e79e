-- Recording, on one's own machine: only when the policy allows it, a host gave it to this person, and everyone present said
-- yes. One no ends it; who comes later is asked at the door.

moot.test("the shipped policy keeps it shut", function()
	local ann = moot.host{name="Ann"}
	ann:refused("locked-by-policy", "set", "record", "permitted")
	ann:refused("record-off", "record", "start")
end)

local relay = moot.relay{policy="[controls]\nrecord = permitted\nwaiting-room = off\n"}
local ann = moot.host{name="Ann", relay=relay}
local bo, cy = moot.join{name="Bo", to=ann}, moot.join{name="Cy", to=ann, speaker="null"}
bo:expect("joined")
cy:expect("joined")

moot.test("a host gives it to one person, and all are asked", function()
	cy:refused("record-off", "record", "start")
	ann:allow(cy, "record")
	cy:expect("permission", {permission="record", on=true, by=ann})
	cy:record("start")
	ann:expect("record-ask", {from=cy})
	bo:expect("record-ask", {from=cy})
	bo:refused("record-off", "record", "start")
	ann:refused("record-taken", "record", "start")
	ann:consent("yes")
	bo:refute("recording", {on=true}, 0.1)
	bo:consent("yes")
	bo:expect("recording", {on=true, from=cy})
	ann:expect("recording", {on=true, from=cy})
	moot.check(table.concat(bo:screen(), "\n"):find("REC", 1, true), "everybody sees that it runs")
end)

moot.test("who comes later is asked first", function()
	local di = moot.join{name="Di", to=ann}
	di:expect("waiting", {code="recording"})
	di:expect("record-ask", {from=cy})
	di:consent("yes")
	di:expect("joined")
	local ed = moot.join{name="Ed", to=ann}
	ed:expect("record-ask", {from=cy})
	ed:try("consent", "no")
	ed:expect("refused", {code="no-consent"})
	moot.equal(bo:state().recording.by, cy.number, "a no at the door ends nothing")
end)

moot.test("one no ends it", function()
	bo:consent("no")
	cy:expect("recording", {on=false, code="no", by=bo})
	ann:expect("recording", {on=false})
	bo:refused("not-recording", "consent", "yes")
end)

moot.test("so does taking the permission, and the recorder's own word", function()
	cy:record("start")
	ann:consent("yes")
	bo:consent("yes")
	bo:expect("recording", {on=true})
	ann:disallow(cy, "record")
	bo:expect("recording", {on=false, code="taken"})
	ann:allow(cy, "record")
	cy:record("start")
	ann:consent("yes")
	bo:consent("yes")
	bo:expect("recording", {on=true})
	cy:record("stop")
	bo:expect("recording", {on=false, code="stopped"})
	cy:refused("not-recording", "record", "stop")
end)

-- What was recorded lies where the script was started.
os.execute("rm -f moot-" .. ann.id .. "-*")
