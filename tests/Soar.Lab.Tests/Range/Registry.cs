using System.Net;

namespace Soar.Lab.Tests.Range;

/// <summary>An RDAP server (RFC 9083 shape) that knows one network, on a loopback port.</summary>
internal sealed class Registry : IDisposable
{
    private static readonly byte[] Network = """
        {"rdapConformance":["rdap_level_0"],"objectClassName":"ip network","handle":"LAB-203","startAddress":"203.0.113.0","endAddress":"203.0.113.255","name":"EXAMPLE-ISP","country":"DE",
         "entities":[{"objectClassName":"entity","roles":["registrant"],"vcardArray":["vcard",[["fn",{},"text","Example ISP"]]],
          "entities":[{"objectClassName":"entity","roles":["abuse"],"vcardArray":["vcard",[["email",{},"text","abuse@isp.example"]]]}]}]}
        """u8.ToArray();

    private readonly HttpListener listener = new();

    public Registry()
    {
        Port = LoopbackPort.Take();
        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        _ = ServeAsync();
    }

    public int Port { get; }

    public void Dispose() => listener.Close();

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            try
            {
                var context = await listener.GetContextAsync();
                context.Response.ContentType = "application/rdap+json";
                await context.Response.OutputStream.WriteAsync(Network);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test is over, or the caller was killed while it was answered.
            }
        }
    }
}
