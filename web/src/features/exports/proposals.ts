// Which column probably belongs to an attribute, by its name. The names of attributes are the same for all services.

const kAliases: Record<string, string[]> = {
  email: ['emailaddress', 'primaryemail', 'mail', 'emailprimary', 'emailaddress1'],
  phone: ['phonenumber', 'mobilephone', 'mobile', 'telephone', 'primaryphone', 'telephone1', 'cellphone'],
  first_name: ['givenname', 'forename'],
  last_name: ['surname', 'familyname'],
  company_name: ['company', 'companyname', 'organization', 'organisation', 'accountname'],
  street: ['streetaddress', 'street1', 'addressline1', 'address1', 'address'],
  city: ['town', 'cityname'],
  state: ['province', 'stateprovince', 'stateorprovince', 'region'],
  postal_code: ['zip', 'zipcode', 'postcode', 'zippostalcode'],
  country: ['countryregion', 'countrycode', 'countryname'],
  birth_date: ['dateofbirth', 'birthday', 'dob'],
  gender: ['sex'],
  external_id: ['customerid', 'id', 'profileid'],
  contact_id: ['contactid', 'crmid'],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

export function propose(attribute: string, title: string, columns: string[]): string | undefined {
  for (const wanted of [plain(attribute), plain(title), ...(kAliases[attribute] ?? [])]) {
    const found = columns.find((column) => plain(column) === wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
