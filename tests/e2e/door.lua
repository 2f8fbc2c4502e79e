-- The door. Nobody is in before a host let them in: who knocks sees the meeting's title and what the hosts write to
-- those who wait, and nothing else. Hosts see who waits, in order, and admit or deny.

local ann = moot.host{name="Ann", title="Interviews"}

moot.test("who knocks waits, and learns the title alone", function()
	local bo = moot.join{name="Bo"}
	ann:expect("knock", {name="Bo"})
	bo:expect("waiting", {title="Interviews", code="waiting-room"})
	local state = bo:state()
	moot.equal(state.presence, "waiting")
	moot.equal(#state.people, 0, "no roster for who waits")
	moot.equal(#state.waiting, 0, "nor who else waits")
	bo:refused("not-in", "chat", "anybody there?")
	bo:refused("not-in", "raise")
	ann:chat("not for the waiting room")
	bo:refute("chat", {text="not for the waiting room"}, 0.2)
end)

moot.test("a host admits by name", function()
	local bo = moot.join{name="Bo"}
	ann:expect("knock", {name="Bo"})
	ann:admit("Bo")
	bo:expect("joined", {role="participant"})
	ann:expect("person-joined", {name="Bo"})
	ann:refused("not-waiting", "admit", "Bo")
end)

moot.test("several are admitted at once, in the order they came", function()
	local people = {}
	for _, name in ipairs{"Cy", "Di", "Ed"} do
		people[#people + 1] = moot.join{name=name}
		ann:expect("knock", {name=name})
	end
	local waiting = ann:state().waiting
	moot.equal({waiting[1].name, waiting[2].name, waiting[3].name}, {"Cy", "Di", "Ed"})
	ann:admit("Cy", "Ed")
	people[1]:expect("joined")
	people[3]:expect("joined")
	moot.equal(people[2].presence, "waiting")
	ann:admit("all")
	people[2]:expect("joined")
	ann:refused("not-waiting", "admit", "all")
end)

moot.test("a host denies, with a reason", function()
	local bo = moot.join{name="Bo"}
	ann:expect("knock", {name="Bo"})
	ann:deny("Bo", "Interviews are by appointment.")
	bo:expect("refused", {code="denied", text="Interviews are by appointment."})
	bo:expect("bye", {code=4})
	ann:expect("knock-gone", {name="Bo", code="denied"})
end)

moot.test("hosts and those who wait write to one another", function()
	local bo, cy = moot.join{name="Bo"}, moot.join{name="Cy"}
	ann:expect("knock", {name="Bo"})
	ann:expect("knock", {name="Cy"})
	ann:tell_waiting("Five more minutes.")
	bo:expect("chat", {from=ann, text="Five more minutes."})
	cy:expect("chat", {from=ann, text="Five more minutes."})
	ann:tell_waiting("Bo:", "You are next.")
	bo:expect("chat", {text="You are next."})
	cy:refute("chat", {text="You are next."})
	bo:hosts("Thank you.")
	ann:expect("chat", {from=bo, text="Thank you."})
	cy:refute("chat", {text="Thank you."})
end)

moot.test("a host sends somebody back to the waiting room", function()
	local bo = moot.join{name="Bo"}
	ann:expect("knock", {name="Bo"})
	ann:admit("Bo")
	bo:expect("joined")
	ann:sendback("Bo")
	bo:expect("waiting", {code="sent-back"})
	ann:expect("person-left", {name="Bo", code="sent-back"})
	moot.equal(bo.presence, "waiting")
	ann:chat("Bo does not hear this")
	bo:refute("chat", {}, 0.2)
end)

moot.test("who left on purpose waits again, whatever the setting", function()
	ann:set("waiting-room", "off")
	local bo = moot.join{name="Bo"}
	bo:expect("joined")
	bo:leave()
	bo:expect("bye", {code=0})
	ann:expect("person-left", {name="Bo", code="left"})
	local again = moot.join{name="Bo", as=bo}
	again:expect("waiting", {code="left"})
	ann:admit("Bo")
	again:expect("joined")
	ann:set("waiting-room", "on")
end)
