package io.borealis.scheduler.journal;

import java.util.ArrayList;
import java.util.List;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TProtocolUtil;
import org.apache.thrift.protocol.TType;
import org.apache.thrift.transport.TMemoryInputTransport;

/** What a reader sees in a struct of which it knows nothing. */
public final class EntryCodecFields {
  private EntryCodecFields() {}

  /** The id and the wire type of each field of the struct that is all of the bytes. */
  public static List<String> of(byte[] bytes) {
    try {
      TBinaryProtocol in = new TBinaryProtocol(new TMemoryInputTransport(bytes));
      List<String> fields = new ArrayList<>();
      for (TField field = in.readFieldBegin();
          field.type != TType.STOP;
          field = in.readFieldBegin()) {
        fields.add(field.id + ":" + field.type);
        TProtocolUtil.skip(in, field.type);
      }
      if (in.getTransport().getBytesRemainingInBuffer() != 0) {
        throw new AssertionError("something follows the struct");
      }
      return fields;
    } catch (TException broken) {
      throw new AssertionError(broken);
    }
  }
}
