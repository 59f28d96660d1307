using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Rotas;
using Soar.Server.Settings;

namespace Soar.Server.Notices;

/// <summary>Somebody who is told.</summary>
/// <param name="Name">The login name, in small letters; of whom nobody is found the role.</param>
/// <param name="As">The role in which they may answer.</param>
/// <param name="Problem">Why they cannot be told; null = they can.</param>
internal sealed record Listener(string Name, string As, EmailAddress? Mail, string? Problem);

/// <summary>Whom a question is told: those who may answer it now and have not.</summary>
internal sealed class Audience(SoarSettings settings, Rota rota, TimeProvider clock)
{
    public IReadOnlyList<Listener> Of(Question question) =>
    [
        .. question.MayAnswer.SelectMany(who => question.HandedTo(who) is { } handed ? [Person(handed.To, handed.As)] : Holders(who)).DistinctBy(listener => listener.Name)
            .Where(listener => !question.AnsweredBy(listener.Name) && question.HandedOnBy(listener.Name) is null),
    ];

    private IEnumerable<Listener> Holders(string role)
    {
        if (rota.At(role, clock.GetUtcNow()) is { } duty) return duty.Who.Select(name => Person(name, role));
        var person = Person(role, role);
        return [person.Mail is not null ? person : person with { Problem = $"Nobody is told: {role} is neither a role under roles: nor somebody under people: in soar.yaml." }];
    }

    private Listener Person(string name, string role)
    {
        var login = name.Trim().ToLowerInvariant();
        var address = settings.People.FirstOrDefault(p => p.Key.Equals(login, StringComparison.OrdinalIgnoreCase)).Value?.Mail ?? (EmailAddress.TryParse(login, null, out var own) ? own : null);
        return new Listener(login, role, address, address is null ? $"{login} has no mail address: give one under people: in soar.yaml." : null);
    }
}
