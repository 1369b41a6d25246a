/** What the structured answer is an instance of: `Forecast` of the backends' scenarios, as programs for Node write it. */

import { z } from "zod";

export const Forecast = z.object({
  city: z.string(),
  celsius: z.int(),
  sky: z.enum(["clear", "cloudy"]),
  wind: z.object({ speed: z.number(), gusts: z.boolean() }),
  advice: z.array(z.string()),
});
