package io.borealis.thrift;

import com.google.common.collect.ImmutableList;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ResponseDetail;

/** Answers that do not come from the implementation. Pure functions. */
final class Answers {
  private Answers() {}

  static Response of(ResponseCode code, String message) {
    return Response.builder()
        .responseCode(code)
        .details(ImmutableList.of(new ResponseDetail(message)))
        .build();
  }

  /** How a call went, in one word for logs and metrics. */
  static String outcome(Response response) {
    ResponseCode code = response.responseCode();
    return code == null ? "NONE" : code.name();
  }
}
