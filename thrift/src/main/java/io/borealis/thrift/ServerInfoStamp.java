package io.borealis.thrift;

import io.borealis.api.Response;
import io.borealis.api.ServerInfo;
import java.util.concurrent.CompletionStage;

/**
 * Says in every answer who gave it, unless it says so already. Immutable.
 *
 * @param info who gives the answers
 */
public record ServerInfoStamp(ServerInfo info) implements Interceptor {
  @Override
  public CompletionStage<Response> around(Call<?> call, Next next) {
    return next.proceed(call)
        .thenApply(
            response ->
                response.serverInfo() == null
                    ? response.toBuilder().serverInfo(info).build()
                    : response);
  }
}
