Console.WriteLine("bootstrapper: no command yet");
return 2;
