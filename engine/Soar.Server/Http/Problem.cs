using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Soar.Capabilities;

namespace Soar.Server.Http;

/// <summary>Every error as a problem document (RFC 9457) with the SOAR code; and which status each code has.</summary>
/// <param name="Type"><c>urn:soar:</c> and the code; <c>engine/docs/errors.md</c> explains it.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Detail">What, which one, what to do.</param>
internal sealed record Problem(string Type, string Title, int Status, string Detail, string Code)
{
    /// <summary>Where the family's status does not fit.</summary>
    private static readonly Dictionary<string, int> Statuses = new(StringComparer.Ordinal)
    {
        ["SOAR2006"] = 422, ["SOAR2011"] = 422, ["SOAR2014"] = 422, ["SOAR2021"] = 422, ["SOAR2020"] = 422, ["SOAR2023"] = 422, ["SOAR2031"] = 422, ["SOAR2037"] = 422,
        ["SOAR2034"] = 403,
        ["SOAR2050"] = 429,
        ["SOAR2071"] = 422, ["SOAR2072"] = 422, ["SOAR2074"] = 403, ["SOAR2077"] = 422, ["SOAR3040"] = 500, ["SOAR3050"] = 409,
        ["SOAR4001"] = 502,
        ["SOAR5000"] = 500, ["SOAR5001"] = 422, ["SOAR5002"] = 422, ["SOAR5004"] = 404, ["SOAR5007"] = 409,
        ["SOAR6001"] = 401, ["SOAR6002"] = 403, ["SOAR6003"] = 401, ["SOAR6004"] = 429, ["SOAR6005"] = 401, ["SOAR6006"] = 403, ["SOAR6007"] = 400, ["SOAR6008"] = 404, ["SOAR6009"] = 405,
        ["SOAR6010"] = 415, ["SOAR6011"] = 413, ["SOAR6012"] = 403, ["SOAR6013"] = 422, ["SOAR6014"] = 409, ["SOAR6015"] = 409,
        ["SOAR6050"] = 422, ["SOAR6040"] = 401, ["SOAR6041"] = 429, ["SOAR6042"] = 409, ["SOAR6060"] = 409, ["SOAR6080"] = 422, ["SOAR6081"] = 409, ["SOAR6070"] = 401, ["SOAR6071"] = 401,
        ["SOAR6020"] = 502, ["SOAR6021"] = 401, ["SOAR6022"] = 401, ["SOAR6023"] = 401, ["SOAR6024"] = 403, ["SOAR6025"] = 403, ["SOAR6026"] = 403, ["SOAR6027"] = 409, ["SOAR6028"] = 403,
    };

    /// <summary>By family: a playbook's text is wrong; the state of things is against it; the store cannot; settings or an instance are wrong.</summary>
    public static int StatusOf(SoarException error) => error is NotFoundException ? 404 : Statuses.GetValueOrDefault(error.Code, error.Code[4] switch { '1' => 422, '2' => 409, '3' => 503, _ => 500 });

    public static async Task WriteAsync(HttpContext context, int status, string code, string detail)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        if (status == 401) response.Headers.WWWAuthenticate = "Bearer";
        var problem = new Problem($"urn:soar:{code}", ReasonPhrases.GetReasonPhrase(status), status, detail, code);
        await response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(problem, SoarJson.Options), context.RequestAborted);
    }
}
