// Newtonsoft.Json over every body: style <TAB> body <TAB> base64 of the bytes.
using System;
using System.IO;
using System.Linq;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

static class Golden
{
    static void Show(string name, string path, string text)
    {
        Console.WriteLine(string.Join("\t", name, Path.GetFileName(path), Convert.ToBase64String(Encoding.UTF8.GetBytes(text))));
    }

    static JToken Read(string text, DateParseHandling dates)
    {
        using (var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = dates })
            return JToken.ReadFrom(reader);
    }

    static void Main(string[] args)
    {
        foreach (var path in Directory.GetFiles(args[0], "*.json").OrderBy(path => path, StringComparer.Ordinal))
        {
            var text = File.ReadAllText(path, Encoding.UTF8);
            try { Show("newtonsoft-no-dates", path, Read(text, DateParseHandling.None).ToString(Formatting.None)); } catch (Exception error) { Console.Error.WriteLine(path + ": " + error.Message); continue; }
            Show("newtonsoft-no-dates-indented", path, Read(text, DateParseHandling.None).ToString(Formatting.Indented));
            Show("newtonsoft", path, Read(text, DateParseHandling.DateTime).ToString(Formatting.None));
        }
    }
}
