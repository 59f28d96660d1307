//// http client | attempt: network | expect: none
using var client = new System.Net.Http.HttpClient();
await client.GetStringAsync("http://127.0.0.1:@PORT@/");
return Outcome.Completed();
//// http client, no await | attempt: network | expect: connect
using var client = new System.Net.Http.HttpClient();
client.GetStringAsync("http://127.0.0.1:@PORT@/").Wait(2000);
return Outcome.Completed();
//// tcp client | attempt: network | expect: connect
using var client = new System.Net.Sockets.TcpClient("127.0.0.1", @PORT@);
return Outcome.Completed();
//// socket | attempt: network | expect: connect
using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
socket.Connect("127.0.0.1", @PORT@);
return Outcome.Completed();
//// udp | attempt: network | expect: none
using var udp = new System.Net.Sockets.UdpClient();
udp.Send(new byte[1], 1, "127.0.0.1", @PORT@);
return Outcome.Completed();
//// listen | attempt: network | expect: listening
var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
listener.Start();
return Outcome.Completed("listening");
//// name resolution | attempt: network | expect: none
var addresses = System.Net.Dns.GetHostAddresses("localhost");
return Outcome.Completed($"{addresses.Length}");
//// host name | attempt: network | expect: none
return Outcome.Completed(System.Net.Dns.GetHostName());
//// web request | attempt: network | expect: connect
#pragma warning disable SYSLIB0014
var request = System.Net.WebRequest.Create("http://127.0.0.1:@PORT@/");
request.GetResponse();
return Outcome.Completed();
//// web client | attempt: network | expect: connect
var client = new System.Net.WebClient();
client.DownloadString("http://127.0.0.1:@PORT@/");
return Outcome.Completed();
//// ping | attempt: network | expect: none
new System.Net.NetworkInformation.Ping().Send("127.0.0.1");
return Outcome.Completed();
//// interfaces | attempt: network | expect: none
return Outcome.Completed($"{System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().Length}");
//// unix socket | attempt: network | expect: connect
using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
socket.Connect(new System.Net.Sockets.UnixDomainSocketEndPoint("@CANARY@/socket"));
return Outcome.Completed();
//// web socket | attempt: network | expect: connect
using var socket = new System.Net.WebSockets.ClientWebSocket();
socket.ConnectAsync(new Uri("ws://127.0.0.1:@PORT@/"), default).Wait(2000);
return Outcome.Completed();
//// named pipe | attempt: network | expect: none
using var pipe = new System.IO.Pipes.NamedPipeServerStream("soar-hostile");
return Outcome.Completed();
//// address type of the framework | attempt: network | expect: none
var address = Input<IpAddress>("address", "a", from: alert => alert.Source?.Ip);
return Outcome.Completed($"{address.ToIPAddress().GetAddressBytes().Length}");
//// smtp client | attempt: network | expect: connect
using var client = new System.Net.Mail.SmtpClient("127.0.0.1", @PORT@);
client.Send("a@b", "c@d", "x", "y");
return Outcome.Completed();
