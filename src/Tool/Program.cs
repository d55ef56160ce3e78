Console.Error.WriteLine("under construction"); return 1;
