Playbook("NAME", version: "0.1.0", type: PlaybookType.Remediation, tlp: Tlp.Amber,
    summary: "Say in one sentence what this playbook puts right again.");
var account = Input<string>("account", "Login name of the account that others know the password of", from: alert => alert.Source?.User);

// Whose account is it?
var found = await Identity.Find(account).Retry(3);
if (found.Count != 1)
    return Outcome.Escalated($"{found.Count} accounts fit '{account}'");

// May we change it?
var change = Identity.ForcePasswordChange(found[0].Name);   // prepared, not done
var decision = await Ask("shift-lead", $"{found[0].DisplayName} must choose a new password?", change, within: 1.Hours);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Have a new password chosen
await change;

// See that it was done
var done = await Todo("service-desk", $"{found[0].DisplayName} has chosen a new password", within: 2.Days);
return done.Approved ? Outcome.Completed(done.Reason) : Outcome.Escalated($"{account} still has its old password");
