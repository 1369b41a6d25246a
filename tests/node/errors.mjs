/**
 * An SDK's error as `{name, message, status, headers}`, whatever the SDK calls these.
 *
 * `name` is the error's class; `status` is null for an error that came inside a stream. Other packages' errors are
 * told apart by what they carry, not by their class, so that no SDK is loaded for another one's sake.
 */

export function describe(error) {
  if (!(error instanceof Error)) {
    // An error of a stream may reach the program as the backend sent it.
    return { name: "Thrown", message: JSON.stringify(error), status: null, headers: {}, stack: "" };
  }
  return {
    name: error.constructor.name,
    message: error.message,
    status: error.status ?? error.statusCode ?? null,
    headers: headers(error.headers ?? error.responseHeaders),
    stack: error.stack,
  };
}

function headers(found) {
  return found instanceof Headers ? Object.fromEntries(found) : (found ?? {});
}
