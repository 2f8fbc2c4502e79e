-- The lock: nobody new comes in, not even to wait. A line that broke finds its seat again; who left does not; the host
-- key opens every door.

local ann = moot.host{name="Ann", waiting_room="off"}
local bo = moot.join{name="Bo"}
bo:expect("joined")

moot.test("a locked meeting takes nobody, whatever they know", function()
	ann:lock()
	bo:expect("controls", {control="lock", value="on", by=ann})
	local cy = moot.join{name="Cy"}
	cy:expect("refused", {code="locked"})
	cy:expect("bye", {code=4})
	ann:refute("knock", {}, 0.1)
	ann:refused("already", "lock")
end)

moot.test("a line that broke comes back through the lock", function()
	bo:net{drop=true}
	ann:expect("away", {name="Bo"})
	ann:expect("resumed", {name="Bo"})
	moot.equal(bo.presence, "in")
end)

moot.test("who left does not", function()
	ann:unlock()
	local di = moot.join{name="Di"}
	di:expect("joined")
	ann:lock()
	di:leave()
	di:expect("bye", {code=0})
	moot.join{name="Di", as=di}:expect("refused", {code="locked"})
end)

moot.test("the host key does", function()
	ann:vanish()
	bo:expect("away", {name="Ann"})
	local again = moot.join{name="Ann", as=ann}
	again:expect("joined", {role="host"})
	again:unlock()
	bo:expect("controls", {control="lock", value="off"})
	moot.join{name="Ed"}:expect("joined")
end)
