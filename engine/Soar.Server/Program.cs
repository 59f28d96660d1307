Console.WriteLine("soar");
