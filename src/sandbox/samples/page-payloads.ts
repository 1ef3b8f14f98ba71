import type { C4hxpEvent } from '../../domain/events.js';

/**
 * The four payloads of C4HXP's webhook page, byte for byte: three have no `meta`, and all are from January 2024. Only
 * what `--verbatim` and the demo send; everything else is made fresh.
 */
export const PAGE_PAYLOADS: Readonly<Partial<Record<C4hxpEvent, string>>> = {
  'order.created': `{
  "event": "order.created",
  "data": {
    "id": 12345,
    "order_number": "C4H-ORD-2024-001234",
    "status": "pending",
    "recipient": {
      "first_name": "John",
      "last_name": "Doe",
      "email": "john@example.com"
    },
    "kit_types": ["hormone_panel"],
    "created_at": "2024-01-15T10:30:00Z"
  },
  "meta": {
    "timestamp": "2024-01-15T10:30:00Z",
    "webhook_id": "wh_abc123",
    "api_version": "2.0.0"
  }
}`,
  'order.shipped': `{
  "event": "order.shipped",
  "data": {
    "id": 12345,
    "order_number": "C4H-ORD-2024-001234",
    "status": "shipped",
    "kits": [
      {
        "kit_id": "KIT-123456",
        "barcode": "123456789012",
        "tracking": {
          "carrier": "FedEx",
          "tracking_number": "1234567890",
          "estimated_delivery": "2024-01-18"
        }
      }
    ],
    "shipped_at": "2024-01-16T14:30:00Z"
  }
}`,
  'kit.registered': `{
  "event": "kit.registered",
  "data": {
    "kit_barcode": "123456789012",
    "kit_type": "hormone_panel",
    "patient": {
      "first_name": "Jane",
      "last_name": "Smith",
      "email": "jane@example.com"
    },
    "collection_date": "2024-01-20T08:30:00Z",
    "registered_at": "2024-01-20T09:15:00Z"
  }
}`,
  'results.available': `{
  "event": "results.available",
  "data": {
    "kit_barcode": "123456789012",
    "kit_type": "hormone_panel",
    "patient": {
      "first_name": "Jane",
      "last_name": "Smith",
      "email": "jane@example.com"
    },
    "result_summary": {
      "total_biomarkers": 8,
      "normal_count": 7,
      "abnormal_count": 1,
      "flags": ["high_cortisol"]
    },
    "completed_at": "2024-01-25T16:45:00Z",
    "pdf_available": true
  }
}`,
};
