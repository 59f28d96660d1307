using Soar.Capabilities;
using Soar.Connectors;

namespace Soar.Server.Settings;

/// <summary><c>notify:</c> of the settings: how people hear that a question waits for them.</summary>
internal sealed record NotifySettings
{
    [Setting("The instance that sends mails to those who may answer a question, as soon as it is asked. Default: none, nobody is mailed.")]
    public string? Mail { get; init; }

    [Setting("Where people's browsers reach this server: https://soar.example. Links in mails begin with it. Needed with mail and chat.")]
    public Uri? Address { get; init; }

    /// <summary>Whether anybody is told of anything.</summary>
    public bool Tells => Mail is not null;

    public IEnumerable<string> Problems()
    {
        if (Tells && Address is null) yield return "address: is missing; links in messages begin with it. Write where people's browsers reach this server: https://soar.example";
        if (Address is not null && (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https") || Address.Query.Length > 0 || Address.Fragment.Length > 0))
            yield return $"address: '{Address}' is no address of a server; write https://soar.example";
    }

    /// <summary>What is not among the instances that it names.</summary>
    public IEnumerable<(string Field, string What)> Problems(IConnectorInstances instances)
    {
        if (Mail is not null && !instances.Names("Mail").Contains(Mail, StringComparer.Ordinal))
            yield return ("notify.mail", $"is '{Mail}', which is no instance that sends mail{Known(instances.Names("Mail"))}");
    }

    private static string Known(IReadOnlyList<string> names) => names.Count == 0 ? "; connectors: has none" : $"; there are {string.Join(", ", names)}";
}

/// <summary>One of <c>people:</c>.</summary>
internal sealed record PersonSettings
{
    [Setting("Where mails to this person go. Default: the login name, where it is a mail address.")]
    public EmailAddress? Mail { get; init; }
}
