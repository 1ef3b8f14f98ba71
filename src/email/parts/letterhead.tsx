import { Img, Text } from '@react-email/components';
import type { TemplateProps } from '../mail.js';

/** The logo where one is set, else the brand's name: an email that nobody can place is taken for phishing. */
export function Letterhead({ mail: { brand, colours } }: TemplateProps) {
  if (brand.logoUrl !== null)
    return <Img src={brand.logoUrl} alt={brand.name} height="36" style={{ maxHeight: '36px', width: 'auto' }} />;
  return (
    <Text
      className="kh-accent"
      style={{ margin: 0, fontSize: '18px', lineHeight: '24px', fontWeight: 700, color: colours.accent }}
    >
      {brand.name}
    </Text>
  );
}
