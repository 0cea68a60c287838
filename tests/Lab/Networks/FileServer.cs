using System.Net;

namespace Images.Lab.Networks;

/// <summary>Serves the files of one folder by HTTP until it is killed; run inside a lab network by <see cref="LabNetwork.ServeFiles"/>.</summary>
internal static class FileServer
{
    public static int Run(string folder, string url)
    {
        using HttpListener listener = new();
        listener.Prefixes.Add(url);
        listener.Start();
        Console.WriteLine("serving");
        while (true)
        {
            HttpListenerContext request = listener.GetContext();
            string path = Path.Combine(folder, Path.GetFileName(request.Request.Url!.LocalPath));
            if (File.Exists(path))
            {
                byte[] content = File.ReadAllBytes(path);
                request.Response.ContentLength64 = content.Length;
                request.Response.OutputStream.Write(content);
            }
            else
            {
                request.Response.StatusCode = (int)HttpStatusCode.NotFound;
            }

            request.Response.Close();
        }
    }
}
