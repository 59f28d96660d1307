using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>notify:</c> of the settings: how people hear that a question waits for them.</summary>
internal sealed record NotifySettings
{
    [Setting("The instance that sends mails to those who may answer a question, as soon as it is asked. Default: none, nobody is mailed.")]
    public string? Mail { get; init; }

    [Setting("The instance that posts to the team's channel that somebody is asked, and when it escalates. Default: none.")]
    public string? Chat { get; init; }

    [Setting("How long after a mail whoever has not answered is mailed again. 0s: never. Default: 30m.")]
    public TimeSpan RemindEvery { get; init; } = TimeSpan.FromMinutes(30);

    [Setting("Where people's browsers reach this server: https://soar.example. Links in mails begin with it. Needed with mail and chat.")]
    public Uri? Address { get; init; }

    /// <summary>Whether anybody is told of anything.</summary>
    public bool Tells => Mail is not null || Chat is not null;

    public IEnumerable<string> Problems()
    {
        if (Tells && Address is null) yield return "address: is missing; links in messages begin with it. Write where people's browsers reach this server: https://soar.example";
        if (RemindEvery < TimeSpan.Zero || (RemindEvery > TimeSpan.Zero && RemindEvery < TimeSpan.FromMinutes(1))) yield return $"remindEvery: {RemindEvery} is less than a minute; nobody reads so fast";
        if (Address is not null && (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https") || Address.Query.Length > 0 || Address.Fragment.Length > 0))
            yield return $"address: '{Address}' is no address of a server; write https://soar.example";
    }

    /// <summary>What is not among the instances that it names.</summary>
    public IEnumerable<(string Field, string What)> Problems(IConnectorInstances instances)
    {
        if (Mail is not null && !instances.Names("Mail").Contains(Mail, StringComparer.Ordinal))
            yield return ("notify.mail", $"is '{Mail}', which is no instance that sends mail{Known(instances.Names("Mail"))}");
        if (Chat is not null && !instances.Names("Chat").Contains(Chat, StringComparer.Ordinal))
            yield return ("notify.chat", $"is '{Chat}', which is no instance that posts messages{Known(instances.Names("Chat"))}");
    }

    private static string Known(IReadOnlyList<string> names) => names.Count == 0 ? "; connectors: has none" : $"; there are {string.Join(", ", names)}";
}

/// <summary>One of <c>people:</c>.</summary>
internal sealed record PersonSettings
{
    [Setting("Where mails to this person go. Default: the login name, where it is a mail address.")]
    public EmailAddress? Mail { get; init; }
}
